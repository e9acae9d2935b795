using System.Diagnostics;
using Omnisight.Kernel.Configuration;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Kernel.Tests.Configuration;

public sealed class RuntimeDirectoryTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TestInstance _instance = new();

    [Fact]
    public void The_first_that_is_set_counts()
    {
        var systemd = new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = "/run/omnisight:/run/other", ["XDG_RUNTIME_DIR"] = "/run/user/7" };
        var session = new Dictionary<string, string> { ["XDG_RUNTIME_DIR"] = "/run/user/7" };

        Load(systemd, "RuntimeDirectory=/srv/node/").RuntimeDirectory.ShouldBe("/srv/node");
        Load(systemd, "SeedPaths=true").RuntimeDirectory.ShouldBe("/tmp");
        Load(systemd).RuntimeDirectory.ShouldBe("/run/omnisight");
        Load(session).RuntimeDirectory.ShouldBe("/run/user/7/omnisight");
        Load([]).RuntimeDirectory.ShouldStartWith("/tmp/omnisight-");
    }

    [Fact]
    public void It_is_made_for_this_user_alone()
    {
        var path = _instance.FilePath("run/deep");

        Prepare(path);
        Prepare(path);

        File.GetUnixFileMode(path).ShouldBe(Private);
    }

    [Fact]
    public void One_that_others_may_write_to_is_refused_with_the_command_that_mends_it()
    {
        var path = _instance.FilePath("open");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Private | UnixFileMode.OtherWrite);

        var error = Should.Throw<ConfigurationException>(() => Prepare(path));

        error.ExitCode.ShouldBe(4);
        error.Message.ShouldContain($"others may write to it (mode 0702); run: chmod 0700 {path}");
    }

    [Fact]
    public void A_symbolic_link_or_a_file_in_its_place_is_refused()
    {
        var target = Directory.CreateDirectory(_instance.FilePath("target")).FullName;
        File.CreateSymbolicLink(_instance.FilePath("link"), target);
        File.WriteAllText(_instance.FilePath("file"), "");

        Should.Throw<ConfigurationException>(() => Prepare(_instance.FilePath("link"))).ExitCode.ShouldBe(4);
        Should.Throw<ConfigurationException>(() => Prepare(_instance.FilePath("file"))).ExitCode.ShouldBe(4);
    }

    [Fact]
    public void One_that_another_user_owns_is_refused_naming_both_users()
    {
        var path = Environment.UserName == "root" ? OfNobody() : "/";

        var error = Should.Throw<ConfigurationException>(() => Prepare(path));

        error.ExitCode.ShouldBe(77);
        error.Message.ShouldContain(path == "/" ? "owned by uid 0" : "owned by uid 65534");
    }

    public void Dispose() => _instance.Dispose();

    private string OfNobody()
    {
        var path = Directory.CreateDirectory(_instance.FilePath("foreign")).FullName;
        using var chown = Process.Start("chown", ["65534", path]);
        chown.WaitForExit();
        return path;
    }

    private static void Prepare(string path) => Load([], $"RuntimeDirectory={path}").PrepareRuntimeDirectory();

    private static NodeConfiguration Load(Dictionary<string, string> environment, params string[] set) =>
        NodeConfiguration.Load(new ConfigurationSources { Environment = environment, Set = set, DefaultPluginsDirectory = "/nowhere" });
}
