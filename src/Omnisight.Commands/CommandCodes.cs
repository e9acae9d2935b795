namespace Omnisight.Commands;

/// <summary>The <c>code</c> of an error acknowledgement; also the label of <c>omnisight_command_reject_total</c>.</summary>
public static class CommandCodes
{
    /// <summary>Not one strict JSON object: syntax, duplicate or unknown fields, depth, text that is not UTF-8.</summary>
    public const string BadJson = "bad_json";

    /// <summary>A field is missing or its value is outside its range.</summary>
    public const string BadValue = "bad_value";

    /// <summary>The line is longer than a command may be.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Nobody handles this type.</summary>
    public const string UnknownCommand = "unknown_command";

    /// <summary>A type of the protocol whose module does not run.</summary>
    public const string NotEnabled = "not_enabled";

    /// <summary>The sender means another start of the core.</summary>
    public const string WrongEpoch = "wrong_epoch";

    /// <summary>More commands with effects than Commands:Rate allows.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The command needs a scope that the sender has not shown.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The handler is still at earlier commands; this one was not carried out.</summary>
    public const string Busy = "busy";

    /// <summary>The handler took longer than its time limit; it may still succeed: ask again with the same request_id.</summary>
    public const string Timeout = "timeout";

    /// <summary>The handler threw.</summary>
    public const string Failed = "failed";

    /// <summary>Client: no answer in time.</summary>
    public const string AckTimeout = "ack_timeout";

    /// <summary>Client: nobody reads the commands.</summary>
    public const string NoCore = "no_core";
}
