namespace Omnisight.Transport.Shm.Tests;

/// <summary>A reader's memory is given back once, and never while its loop is inside a call.</summary>
public sealed class UseGateTests
{
    private const int Gates = 20_000;

    [Fact]
    public void Memory_is_released_once_and_by_whoever_is_last()
    {
        var gates = new UseGate[Gates];
        var released = new int[Gates];
        var usedAfterwards = 0;
        var next = -1;
        var closer = new Thread(() =>
        {
            for (var i = 0; i < Gates; i++)
            {
                while (Volatile.Read(ref next) < i)
                {
                    Thread.SpinWait(1);
                }

                if (gates[i].Close())
                {
                    Interlocked.Increment(ref released[i]);
                }
            }
        });
        closer.Start();
        for (var i = 0; i < Gates; i++)
        {
            Volatile.Write(ref next, i);
            for (var isOpen = true; isOpen;)
            {
                isOpen = gates[i].TryEnter();
                if (isOpen)
                {
                    Thread.SpinWait(3);
                    usedAfterwards += Volatile.Read(ref released[i]);
                }

                if (gates[i].Exit())
                {
                    Interlocked.Increment(ref released[i]);
                }
            }
        }

        closer.Join();
        usedAfterwards.ShouldBe(0);
        released.ShouldAllBe(times => times == 1);
    }

    [Fact]
    public void Two_calls_at_once_are_refused()
    {
        var gate = default(UseGate);
        gate.TryEnter().ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => gate.TryEnter()).Message.ShouldContain("two calls at once");
        gate.Exit().ShouldBeFalse();
        gate.TryEnter().ShouldBeTrue();
    }
}
