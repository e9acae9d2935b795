namespace Omnisight.Transport.Shm.Tests;

/// <summary>The handler's bytes are what its source says.</summary>
public sealed class CutGuardTests
{
    [Fact]
    public async Task The_code_is_that_of_its_source()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var source = Path.Combine(TestPaths.Repository, "plugins/Transport.Shm/Linux/CutGuard.s");
            using var assembler = ChildProcess.Start("sh", ["-c", $"cd '{directory.FullName}' && gcc -c '{source}' -o guard.o && objcopy -O binary -j .text guard.o guard.bin"]);
            (await assembler.WaitForExit()).ShouldBe(0, assembler.Transcript());

            CutGuard.Code.ShouldBe(await File.ReadAllBytesAsync(Path.Combine(directory.FullName, "guard.bin"), TestContext.Current.CancellationToken));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
