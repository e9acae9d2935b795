using System.Text.Json;
using Omnisight.TestKit;

namespace Omnisight.Cli.Tests;

/// <summary>One run of the command line in this process, with an instance and a plugins directory of its own.</summary>
internal sealed class CliRun(TestInstance instance)
{
    public int Code { get; private set; }

    public string Output { get; private set; } = "";

    public string Errors { get; private set; } = "";

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<JsonElement> Json => [.. Lines.Select(l => JsonElement.Parse(l))];

    public Dictionary<string, string> Environment { get; } = [];

    public async Task<CliRun> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var synchronized = TextWriter.Synchronized(errors);
        Code = await CommandLine.RunAsync(
            [.. args, "--set", $"RuntimeDirectory={instance.Directory}", "--set", $"Instance={instance.Name}"],
            new Surroundings { Out = output, Errors = synchronized, Terminal = false, Environment = Environment });
        (Output, Errors) = (output.ToString(), errors.ToString());
        return this;
    }
}
