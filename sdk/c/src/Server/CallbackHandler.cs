using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Omnisight.Commands;

namespace Omnisight.Sdk;

/// <summary>Hands commands of one type to the program's callback; true is success. ipc_server_send_ack() inside of the callback gives the answer its words.</summary>
internal sealed unsafe class CallbackHandler(
    string type, CommandScope scope, CommandType number, delegate* unmanaged[Cdecl]<uint, byte*, void*, byte> callback, void* user, CallbackGate gate, RecentRequests recent) : ICommandHandler
{
    [ThreadStatic]
    private static Running? _running;

    public string Type => type;

    public CommandScope Scope => scope;

    /// <summary>The command that the calling thread's callback carries out.</summary>
    public static Running? Current => _running;

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        var data = Pinned(command.Data.ValueKind == JsonValueKind.Undefined ? "{}" : command.Data.GetRawText());
        var running = new Running(command);
        recent.Add(command);
        lock (gate.OneAtATime)
        {
            if (gate.IsClosed)
            {
                return ValueTask.FromResult(CommandResult.Error(CommandCodes.NotEnabled, $"the core stopped before {type} was begun"));
            }

            _running = running;
            try
            {
                var done = callback((uint)number, Address(data), user) != 0;
                return ValueTask.FromResult(running.Result ?? (done
                    ? CommandResult.Ok($"{type} done")
                    : CommandResult.Error(CommandCodes.Failed, $"{type}: the core's callback returned false")));
            }
            finally
            {
                _running = null;
            }
        }
    }

    private static byte[] Pinned(string text)
    {
        var bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static byte* Address(byte[] pinned) => (byte*)Unsafe.AsPointer(ref pinned[0]);

    /// <summary>One command in its callback.</summary>
    internal sealed class Running(Command command)
    {
        private readonly byte[] _requestId = Pinned(command.RequestId);
        private readonly byte[] _type = Pinned(command.Type);

        public Command Command => command;

        public CommandResult? Result { get; set; }

        public byte* RequestId => Address(_requestId);

        public byte* Type => Address(_type);
    }
}
