using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Wiring;

/// <summary>
/// Finds the runtime directory of an instance that runs already: its writers tell it where transports record it (PROTOCOL 5). The environment alone
/// misleads: a service's is not that of a login shell.
/// </summary>
internal static class InstanceDirectory
{
    private const string Live = "live";

    /// <summary>For a process that is not the core, before it opens anything.</summary>
    /// <param name="configuration">Follows what is found, unless it says itself where the directory is.</param>
    /// <param name="directories">What the transports know; each lists only whom it trusts.</param>
    /// <param name="mustBeOurs">The process also writes there.</param>
    /// <param name="logger">Told of a directory that can't be used.</param>
    public static void Follow(NodeConfiguration configuration, ChannelDirectories directories, bool mustBeOurs, ILogger logger)
    {
        if (configuration.RuntimeDirectoryIsChosen)
        {
            return;
        }

        var told = directories.List().FirstOrDefault(e => e.State == Live && Path.IsPathRooted(e.RuntimeDirectory) && Directory.Exists(e.RuntimeDirectory));
        if (told is null || told.RuntimeDirectory == configuration.RuntimeDirectory)
        {
            return;
        }

        if (mustBeOurs && RuntimeDirectory.WhyNot(told.RuntimeDirectory) is { } problem)
        {
            logger.DirectoryOfOthers(told.Name, told.WriterPid, problem.Errors[0].Message);
            return;
        }

        logger.DirectoryFollowed(told.RuntimeDirectory, told.Name, told.WriterPid);
        configuration.FollowRuntimeDirectory(told.RuntimeDirectory);
    }
}
