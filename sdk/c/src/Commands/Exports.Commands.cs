using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Omnisight.Commands;

namespace Omnisight.Sdk;

/// <summary>Commands to a core, and what concerns the library as a whole.</summary>
internal static unsafe partial class Exports
{
    /// <summary>The library's version.</summary>
    public const string Version = "0.1.0";

    private static readonly HandleTable<CommandSender> Senders = new();

    [UnmanagedCallersOnly(EntryPoint = "omnisight_commands_open")]
    public static int CommandsOpen(byte* instance, byte* runtimeDir, nint* commands)
    {
        if (ForkGuard.IsForked)
        {
            return (int)ErrorCode.Forked;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            if (commands is null)
            {
                return LastError.Set(ErrorCode.BadArgument, "commands must not be NULL");
            }

            *commands = 0;
            var name = Places.Instance(instance);
            *commands = Senders.Add(new CommandSender(name, CText.ReadOptional(runtimeDir)));
            return 0;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_command_send")]
    public static int CommandSend(nint handle, byte* type, byte* data, byte* token, int timeoutMs, byte* ack, nuint capacity, nuint* needed)
    {
        if (ForkGuard.IsForked)
        {
            return (int)ErrorCode.Forked;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            if (Senders.Find(handle) is not { } sender)
            {
                return LastError.Set(ErrorCode.BadHandle, "commands is not a handle of omnisight_commands_open(), or was closed");
            }

            var answer = sender.Send(CText.Required(type, "type"), Json(data), TimeSpan.FromMilliseconds(Math.Max(1, timeoutMs)), CText.ReadOptional(token));
            if (ack is not null || needed is not null)
            {
                // One that does not fit is left out: the command is done all the same, and the outcome must not say that it could not be sent.
                var line = AcknowledgementFormat.Write(answer);
                if (!CText.Write(line.AsSpan().TrimEnd((byte)'\n'), ack, capacity, needed) && ack is not null && capacity > 0)
                {
                    *ack = 0;
                }
            }

            if (!answer.Success)
            {
                _ = LastError.Set(ErrorCode.None, $"{answer.Code}: {answer.Message}");
            }

            return answer.Success ? 1 : 0;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_commands_close")]
    public static void CommandsClose(nint handle)
    {
        if (handle == 0 || ForkGuard.IsForked || Senders.Remove(handle) is not { } sender)
        {
            return;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            sender.Dispose();
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_set_log_callback")]
    public static void SetLogCallback(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* user)
    {
        if (!ForkGuard.IsForked)
        {
            CallbackLoggerFactory.Set(callback, user);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_last_error")]
    public static byte* LastErrorText()
    {
        if (ForkGuard.IsForked)
        {
            return Constant(ForkGuard.Message);
        }

        var text = LastError.Text;
        return text is null ? Constant("\0"u8) : text;
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_last_error_code")]
    public static int LastErrorCode() => ForkGuard.IsForked ? (int)ErrorCode.Forked : (int)LastError.Code;

    [UnmanagedCallersOnly(EntryPoint = "omnisight_version")]
    public static byte* LibraryVersion() => Constant("0.1.0\0"u8);

    [UnmanagedCallersOnly(EntryPoint = "ipc_get_timestamp_ms")]
    public static ulong TimestampMs() => ForkGuard.IsForked ? 0 : NowMs();

    [UnmanagedCallersOnly(EntryPoint = "ipc_crc32")]
    public static uint Crc(void* data, nuint length)
    {
        if (data is null || length == 0)
        {
            return 0;
        }

        if (length <= 1 << 30)
        {
            return System.IO.Hashing.Crc32.HashToUInt32(new ReadOnlySpan<byte>(data, (int)length));
        }

        var crc = new System.IO.Hashing.Crc32();
        for (nuint at = 0; at < length;)
        {
            var part = (int)Math.Min(length - at, 1 << 30);
            crc.Append(new ReadOnlySpan<byte>((byte*)data + at, part));
            at += (nuint)part;
        }

        return crc.GetCurrentHashAsUInt32();
    }

    private static byte* Constant(ReadOnlySpan<byte> text) =>
        (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(text));

    private static JsonElement Json(byte* text)
    {
        var json = CText.ReadOptional(text);
        if (json is null)
        {
            return default;
        }

        try
        {
            var element = JsonElement.Parse(Encoding.UTF8.GetBytes(json));
            return element.ValueKind == JsonValueKind.Object ? element : throw new BadArgumentException("data must be a JSON object");
        }
        catch (JsonException e)
        {
            throw new BadArgumentException($"data is not JSON: {e.Message}");
        }
    }
}
