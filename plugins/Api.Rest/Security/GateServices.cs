using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Security;

/// <summary>What the gate works with.</summary>
internal sealed record GateServices(
    HostNames Hosts, Origins Origins, KeyRing Keys, Tickets Tickets, FailureLimit Failures, RateLimit Rate, RejectCounters Rejects,
    Audit Audit, ILiveOptions<RestOptions> Options, TimeProvider Time, ILogger Logger, bool HasManagement);
