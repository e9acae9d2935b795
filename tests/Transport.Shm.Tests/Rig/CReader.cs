namespace Omnisight.Transport.Shm.Tests;

/// <summary>The reader in C, compiled once into a test's directory.</summary>
internal static class CReader
{
    public static string Source => Path.Combine(TestPaths.Repository, "tests/interop/hammer/hammer.c");

    public static async Task<string> Compile(TestInstance instance)
    {
        var program = instance.FilePath("hammer");
        ChildProcess gcc;
        try
        {
            gcc = ChildProcess.Start("gcc", ["-O2", "-std=c11", "-o", program, Source]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("gcc is missing: apt-get install -y gcc");
            throw;
        }

        using (gcc)
        {
            (await gcc.WaitForExit()).ShouldBe(0, gcc.Transcript());
        }

        return program;
    }
}
