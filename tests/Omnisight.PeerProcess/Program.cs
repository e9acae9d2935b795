using Omnisight.PeerProcess;

var options = new PeerOptions(args);
if (options.Text("fault", "") is { Length: > 0 } fault)
{
    Environment.SetEnvironmentVariable("OMNISIGHT_FAULT", $"{fault}:1:kill");
}

if (options.Text("guard", "yes") == "no")
{
    // As on a machine where the plugin can't watch its mappings.
    AppContext.SetData(Omnisight.Transport.Shm.CutGuard.SharedName, (nint)0);
}

if (options.Text("sandbox", "no") == "yes")
{
    Sandbox.RefuseSharedFutexes();
}

switch (options.Verb)
{
    case "publish":
        return await PublishLoop.Run(options);
    case "read":
        return await ReadLoop.Run(options);
    case "serve":
        return await CommandCore.Run(options);
    case "send":
        return await CommandLoad.Run(options);
    case "die-at":
    case "stall-at":
        // Before the transport is touched: it reads its plan once.
        Environment.SetEnvironmentVariable("OMNISIGHT_FAULT", $"{options.Word(1)}:{options.Number("hit", 1)}:{(options.Verb == "die-at" ? "kill" : "stop")}");
        return await PublishLoop.Run(options);
    case "tell":
        return await TellLoop.Run(options);
    case "answer":
        return await AnswerLoop.Run(options);
    case "ask":
        return await AskLoop.Run(options);
    case "hold":
        return await HoldLoop.Run(options);
    case "obey":
        return await ObeyLoop.Run(options);
    case "look":
        return await LookLoop.Run(options);
    case "overrun":
        return await OverrunLoop.Run(options);
    case "starve":
        return await StarveLoop.Run(options);
    default:
        Console.Error.WriteLine("usage: publish | read | die-at POINT | stall-at POINT | serve | send | tell | answer | ask | hold inbox|reader | obey | look | overrun | starve [--instance I --channel C --transport shm|fifo|jsonfile --count N --interval-us U --bytes B --slots S --mode safe|map|lease --wait poll|blocking|async --ms T]");
        return 2;
}
