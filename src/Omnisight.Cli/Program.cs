using Omnisight.Cli;
using Omnisight.Cli.Hosting;
using Omnisight.Kernel.Configuration;

using var giving = NativeHeap.GiveBackWhatIsFree();
using var signals = new StopSignals();
var code = await CommandLine.RunAsync(
    args,
    new Surroundings
    {
        Out = Console.Out,
        Errors = Console.Error,
        Terminal = !Console.IsOutputRedirected,
        Environment = ConfigurationSources.ProcessEnvironment(),
    },
    signals);

// Not by returning: a foreground thread that a plugin left behind would keep the process for ever.
Environment.Exit(code);
