namespace Omnisight;

/// <summary>How a transport wants its payloads.</summary>
public enum PayloadEncoding
{
    /// <summary>The codec's binary form.</summary>
    Binary,

    /// <summary>One UTF-8 JSON object without line breaks.</summary>
    Json,
}
