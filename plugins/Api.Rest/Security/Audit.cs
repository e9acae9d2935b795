using Omnisight.Commands;

namespace Omnisight.Api.Rest.Security;

/// <summary>Writes what was asked over HTTP, and what was refused, into the instance's audit log.</summary>
internal sealed class Audit(AuditLog log)
{
    public void Write(string caller, string action, string outcome, string? keyId, string? requestId = null) =>
        log.Write(new AuditEntry { Source = "http", Action = action, Outcome = outcome, KeyId = keyId, RequestId = requestId, Detail = caller });
}
