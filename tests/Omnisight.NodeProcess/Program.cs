using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

// A node in a process of its own, for tests that let it die: NodeProcess CONFIG. Ends when its input does.
var node = new Node(new NodeSettings
{
    Configuration = NodeConfiguration.Load(new ConfigurationSources { File = args[0] }),
    Loggers = NullLoggerFactory.Instance,
    Version = "test",
});
try
{
    await node.StartAsync();
}
catch (NodeStartException e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}

foreach (var plugin in node.Plugins)
{
    Console.WriteLine($"{plugin.Id} {plugin.State} {plugin.Reason}");
}

Console.WriteLine("started");
await Console.In.ReadToEndAsync();

// As the program ends: a foreground thread that a plugin left behind would keep the process for ever.
Environment.Exit(await node.StopAsync() ? 0 : 1);
return 0;
