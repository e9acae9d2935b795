using Omnisight.InteropPeer;

// write INSTANCE DIRECTORY PROTOCOL      publishes at 50 Hz and serves commands until SIGTERM; prints "ready"
// read INSTANCE CHANNEL COUNT            prints COUNT new values, one JSON line each: {"epoch","version","data"}
// command INSTANCE DIRECTORY TYPE DATA   prints the acknowledgement
// golden MESSAGE FILE...                 prints one JSON line a file, or {"rejected":REASON}
// bench INSTANCE                         publish and read cost of 50 objects in map mode, in nanoseconds
return args switch
{
    ["write", var instance, var directory, var protocol] => await Writer.RunAsync(instance, directory, int.Parse(protocol, System.Globalization.CultureInfo.InvariantCulture)),
    ["read", var instance, var channel, var count] => await ChannelPrinter.RunAsync(instance, channel, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)),
    ["command", var instance, var directory, var type, var data] => await CommandPrinter.RunAsync(instance, directory, type, data),
    ["golden", var message, ..] => GoldenPrinter.Run(message, args[2..]),
    ["bench", var instance] => await CostPrinter.RunAsync(instance),
    _ => throw new ArgumentException("write | read | command | golden | bench"),
};
