using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Architecture.Tests;

/// <summary>The rule of ARCHITECTURE.md, read off the project files.</summary>
public sealed class DependencyTests
{
    private const string Abstractions = "src/Omnisight.Abstractions", Messages = "src/Omnisight.Messages", Commands = "src/Omnisight.Commands",
        Kernel = "src/Omnisight.Kernel";

    private static readonly string[] Contracts = [Abstractions, Messages, Commands];

    public static TheoryData<string> Plugins => [.. Projects.Below("plugins")];

    [Fact]
    public void The_contracts_refer_to_no_project() => Projects.ReferencesOf(Abstractions).ShouldBeEmpty();

    [Fact]
    public void The_contracts_refer_to_no_package_but_the_attributes_the_logger_and_analyzers() =>
        Projects.PackagesOf(Abstractions).ShouldBe(["System.Composition.AttributedModel", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.CodeAnalysis.PublicApiAnalyzers"], ignoreOrder: true);

    [Theory]
    [InlineData(Messages)]
    [InlineData(Commands)]
    public void Messages_and_commands_refer_to_the_contracts_alone(string project) => Projects.ReferencesOf(project).ShouldBe([Abstractions]);

    [Fact]
    public void The_kernel_refers_to_contracts_and_commands_and_to_no_payload() =>
        Projects.ReferencesOf(Kernel).ShouldBe([Abstractions, Commands], ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_refers_to_the_contracts_alone_never_to_the_kernel_or_another_plugin(string plugin) =>
        Projects.ReferencesOf(plugin).ShouldBeSubsetOf(Contracts);

    [Fact]
    public void The_command_line_loads_plugins_and_refers_to_none() =>
        Projects.ReferencesOf("src/Omnisight.Cli").ShouldNotContain(r => r.StartsWith("plugins/"));

    [Fact]
    public void No_product_project_refers_to_a_test_or_a_benchmark() =>
        Projects.Below("src", "plugins", "sdk").SelectMany(Projects.ReferencesOf).ShouldNotContain(r => r.StartsWith("tests/") || r.StartsWith("benchmarks/"));

    [Fact]
    public void The_detector_sees_what_a_project_refers_to()
    {
        Projects.ReferencesOf("tests/Omnisight.PeerProcess").ShouldContain("plugins/Transport.Shm");
        Projects.ReferencesOf("plugins/Transport.Shm").ShouldContain(Abstractions, "eng/Plugin.props counts");
        Projects.Below("plugins").ShouldContain("plugins/Api.Rest");
    }

    [Fact]
    public void Every_project_of_the_product_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(TestPaths.Repository, "Omnisight.sln")).Replace('\\', '/');

        Projects.Below("src", "plugins", "tests", "benchmarks").ShouldAllBe(p => solution.Contains($"{p}/"));
    }
}
