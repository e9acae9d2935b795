namespace Omnisight.Sdk;

/// <summary>What a command asks for.</summary>
internal enum CommandType : uint
{
    /// <summary>None of those below.</summary>
    Unknown,

    /// <summary>Change the configuration: data is {"module":..,"config":{..}}.</summary>
    ConfigUpdate,

    /// <summary>Predict anew.</summary>
    RefreshTimelines,

    /// <summary>Exchange with the neighbours.</summary>
    SyncSwarm,

    /// <summary>Stop: set a flag and return, then stop from the main loop.</summary>
    Shutdown,

    /// <summary>A type that ipc_server_add_command() named; ipc_server_current_command() says which.</summary>
    Custom,
}
