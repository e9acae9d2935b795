using System.Text.Json;

namespace Omnisight.Cli.Bench;

/// <summary>What a benchmark of commands found, in nanoseconds.</summary>
internal sealed record CommandBenchResult(Durations Blocking, Durations Awaiting, Durations Floor, JsonElement Core, CommandFlaws Flaws)
{
    /// <summary>Clients that sent at the same time, and how many commands together.</summary>
    public (int Count, int Commands) Clients { get; init; }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("channel", "commands");
        json.WriteNumber("commands", Blocking.Count);
        Write(json, "rtt_us", Blocking);
        json.WriteNumber("floor_us", Us(Floor.At(0.5)));
        json.WriteNumber("ratio", Math.Round(Blocking.At(0.5) / Floor.At(0.5), 2));
        Write(json, "rtt_async_us", Awaiting);
        Write(json, "floor_echo_us", Floor);
        json.WriteString("core_version", Core.GetProperty("version").GetString());
        json.WriteNumber("clients", Clients.Count);
        json.WriteNumber("clients_commands", Clients.Commands);
        json.WriteNumber("lost", Flaws.Lost);
        json.WriteNumber("wrong", Flaws.Wrong);
    }

    public IEnumerable<object?[]> Rows()
    {
        yield return Row("PING, waiting on the caller's thread", Blocking);
        yield return Row("PING, awaited", Awaiting);
        yield return Row("bare FIFO echo", Floor);
    }

    private object?[] Row(string what, Durations d) => [what, Us(d.At(0.5)), Us(d.At(0.99)), Us(d.At(1)), Math.Round(d.At(0.5) / Floor.At(0.5), 2)];

    private static void Write(Utf8JsonWriter json, string name, Durations durations)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Us(durations.At(0.5)));
        json.WriteNumber("p99", Us(durations.At(0.99)));
        json.WriteNumber("max", Us(durations.At(1)));
        json.WriteEndObject();
    }

    private static double Us(double nanoseconds) => Math.Round(nanoseconds / 1000, 2);
}
