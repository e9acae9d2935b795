using System.Text.Json;

namespace Omnisight;

/// <summary>Sends commands to the instance's core, wherever it runs. Thread-safe.</summary>
public interface ICommandClient
{
    /// <summary>Sends one command and waits for its acknowledgement.</summary>
    /// <returns>The core's answer; without one, an error acknowledgement with code <c>ack_timeout</c> or <c>no_core</c>.</returns>
    /// <param name="type">The command type.</param>
    /// <param name="data">Its arguments: a JSON object, or Undefined.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="token">The sender's key, where the command needs one; never logged.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<Acknowledgement> SendAsync(string type, JsonElement data, TimeSpan timeout, string? token = null, CancellationToken cancellationToken = default);
}
