using Omnisight.TestKit;

namespace Omnisight.Native.Tests;

/// <summary>sdk/c/include/omnisight.h is what the C# structures give. <c>OMNISIGHT_WRITE_HEADER=1</c> writes it anew.</summary>
public sealed class CHeaderTests
{
    [Fact]
    public void The_header_is_generated_from_the_layouts()
    {
        var folder = Path.Combine(TestPaths.Repository, "sdk/c");
        var header = new CHeader().Generate(File.ReadAllText(Path.Combine(folder, "omnisight.h.in")));
        var path = Path.Combine(folder, "include/omnisight.h");
        if (Environment.GetEnvironmentVariable("OMNISIGHT_WRITE_HEADER") == "1")
        {
            File.WriteAllText(path, header);
        }

        File.ReadAllText(path).ShouldBe(header, "run with OMNISIGHT_WRITE_HEADER=1 when the change is meant");
    }

    [Fact]
    public void The_versions_agree()
    {
        var props = File.ReadAllText(Path.Combine(TestPaths.Repository, "Directory.Build.props"));
        props.ShouldContain($"<Version>{Sdk.Exports.Version}</Version>");
    }
}
