namespace Omnisight.Kernel;

/// <summary>One thing that was looked at in a plugin.</summary>
/// <param name="Name">manifest, files, contract, load, options, exports, provides.</param>
/// <param name="Ok">It is as it must be.</param>
/// <param name="Detail">What was found, or what is wrong and what to do.</param>
public sealed record PluginCheck(string Name, bool Ok, string Detail);
