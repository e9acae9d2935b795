using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Commands.Tests;

/// <summary>Takes acknowledgements out of a reader, one by one.</summary>
internal sealed class Inbox(IReader reader)
{
    private readonly LineCopy _line = new(CommandChannels.MaxAcknowledgementBytes);

    public async Task<Acknowledgement> Next()
    {
        await Eventually.Become(() => reader.Read(_line, out _) == ReadStatus.Fresh, "an acknowledgement");
        AcknowledgementFormat.TryRead(_line.Line, out var acknowledgement).ShouldBeTrue();
        return acknowledgement!;
    }
}
