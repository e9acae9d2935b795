namespace Omnisight.Api.Rest.Hosting;

/// <summary>Every address to listen on with its limit, checked.</summary>
internal sealed record ListenPlan(IReadOnlyList<(ListenAddress Address, ConnectionLimit Limit, bool IsManagement)> Endpoints, ConnectionLimit Limit, ServerCertificate? Certificate)
{
    public bool NeedsTls => Endpoints.Any(e => e.Address.IsTls);

    public bool HasManagement => Endpoints.Any(e => e.IsManagement);
}
