using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Commands.Tests;

public sealed class KeyStoreTests : IDisposable
{
    private readonly TestInstance _instance = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50));

    private string FilePath => _instance.FilePath(_instance.Name + "_keys.json");

    public void Dispose() => _instance.Dispose();

    [Fact]
    public void A_key_is_known_by_its_token_and_kept_as_a_hash_that_only_the_owner_reads()
    {
        var key = Open().Add([CommandScope.Config], null, out var token);

        Open().Authenticate(token).ShouldNotBeNull().Id.ShouldBe(key.Id);
        File.ReadAllText(FilePath).ShouldNotContain(token);
        File.GetUnixFileMode(FilePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_instance.Directory, "*.tmp").ShouldBeEmpty();
    }

    [Fact]
    public void A_missing_wrong_truncated_or_longer_token_is_nobody()
    {
        var store = Open();
        store.Add([CommandScope.Admin], null, out var token);

        foreach (var wrong in new[] { null, "", "x", token[..^1], token + "x", token.ToUpperInvariant(), "omni_" })
        {
            store.Authenticate(wrong).ShouldBeNull();
        }
    }

    [Fact]
    public void A_key_expires()
    {
        var store = Open();
        store.Add([CommandScope.Read], TimeSpan.FromHours(1), out var token);
        store.Authenticate(token).ShouldNotBeNull();

        _clock.Advance(TimeSpan.FromHours(1));

        store.Authenticate(token).ShouldBeNull();
    }

    [Fact]
    public void A_key_that_another_process_made_is_good_at_once()
    {
        var store = Open();
        Open().Add([CommandScope.Config], null, out var token);

        store.Authenticate(token).ShouldNotBeNull();
    }

    [Fact]
    public void A_key_that_another_process_revokes_is_refused_within_a_second()
    {
        var store = Open();
        var key = store.Add([CommandScope.Read], null, out var token);
        store.Authenticate(token).ShouldNotBeNull();

        Open().Revoke(key.Id).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(1));

        store.Authenticate(token).ShouldBeNull();
        store.Revoke(key.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_that_are_made_at_the_same_time_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Open().Add([CommandScope.Read], null, out var _))));

        Open().List().Count.ShouldBe(20);
    }

    [Fact]
    public void The_admin_key_is_made_once_and_opens_everything()
    {
        var path = Open().EnsureAdminKey();
        var token = File.ReadAllText(path).Trim();
        Open().EnsureAdminKey().ShouldBe(path);

        File.ReadAllText(path).Trim().ShouldBe(token);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var key = Open().Authenticate(token).ShouldNotBeNull();
        Enum.GetValues<CommandScope>().ShouldAllBe(s => key.Allows(s));
        Open().List().Count.ShouldBe(1);
    }

    [Fact]
    public void A_key_allows_what_it_names_and_no_more()
    {
        var key = Open().Add([CommandScope.Read, CommandScope.Command], null, out _);

        key.Allows(CommandScope.Read).ShouldBeTrue();
        key.Allows(CommandScope.Command).ShouldBeTrue();
        key.Allows(CommandScope.Config).ShouldBeFalse();
        key.Allows(CommandScope.Admin).ShouldBeFalse();
    }

    [Fact]
    public void A_file_that_others_may_read_is_refused()
    {
        Open().Add([CommandScope.Read], null, out _);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var refused = Should.Throw<TransportException>(() => Open());
        refused.Error.ShouldBe(TransportError.Unsafe);
        refused.Message.ShouldContain(FilePath);
    }

    [Fact]
    public void A_link_in_place_of_the_file_is_refused()
    {
        File.WriteAllText(_instance.FilePath("elsewhere"), """{"keys":[]}""");
        File.CreateSymbolicLink(FilePath, _instance.FilePath("elsewhere"));

        Should.Throw<TransportException>(() => Open()).Error.ShouldBe(TransportError.Unsafe);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"keys":[{"id":1}]}""")]
    [InlineData("""{"keys":[{"id":"a","sha256":"b","scopes":["root"]}]}""")]
    public void A_file_that_is_not_a_key_file_is_an_error_that_names_it(string content)
    {
        File.WriteAllText(FilePath, content);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Should.Throw<FormatException>(() => Open()).Message.ShouldContain(FilePath);
    }

    [Fact]
    public void A_file_that_is_damaged_while_it_is_used_changes_nothing()
    {
        var store = Open();
        store.Add([CommandScope.Admin], null, out var token);

        File.WriteAllText(FilePath, "nonsense");
        _clock.Advance(TimeSpan.FromSeconds(2));

        store.Authenticate(token).ShouldNotBeNull();
        store.Authenticate("omni_00000000_x").ShouldBeNull();
    }

    [Fact]
    public void A_file_that_is_opened_to_others_while_it_is_used_is_told_once()
    {
        var log = new CapturedLog();
        var store = KeyStore.Open(_instance.Directory, _instance.Name, _clock, log);
        store.Add([CommandScope.Admin], null, out var token);

        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            store.Authenticate(token).ShouldNotBeNull();
        }

        var told = log.Lines.ShouldHaveSingleItem();
        told.ShouldContain(FilePath);
        told.ShouldContain("mode 602");
    }

    [Fact]
    public void What_a_killed_writer_left_is_removed_by_the_next()
    {
        string[] left = [FilePath + ".4711-00ff.tmp", _instance.FilePath(_instance.Name + "_admin_key.4711-00ff.tmp")];
        foreach (var file in left)
        {
            File.WriteAllText(file, "{");
        }

        Open().Add([CommandScope.Read], null, out _);

        left.ShouldAllBe(f => !File.Exists(f));
    }

    private KeyStore Open() => KeyStore.Open(_instance.Directory, _instance.Name, _clock);
}
