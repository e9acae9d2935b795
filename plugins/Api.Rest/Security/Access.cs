namespace Omnisight.Api.Rest.Security;

/// <summary>What a caller must be allowed to, endpoint by endpoint.</summary>
internal enum Access
{
    /// <summary>Nobody: what an endpoint gets that is not in the table.</summary>
    Denied,

    /// <summary>Anyone who reaches the address; shows no data.</summary>
    Public,

    /// <summary>Look.</summary>
    Read,

    /// <summary>Ask for work that changes nothing lasting.</summary>
    Command,

    /// <summary>Change configuration.</summary>
    Config,
}
