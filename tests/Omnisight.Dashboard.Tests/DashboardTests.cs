using System.Text.Json;
using Microsoft.Playwright;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Dashboard.Tests;

/// <summary>The dashboard as a person has it: a real browser, a real node.</summary>
[Trait("Category", "Process")]
public sealed class DashboardTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const float Patience = 30_000;

    [Fact]
    public async Task It_goes_live_without_an_error_or_a_request_to_elsewhere()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        await visit.Page.WaitForFunctionAsync("() => document.querySelectorAll('#channel-table tbody tr').length >= 3 && document.querySelectorAll('#plugin-table tbody tr').length >= 3 && document.querySelectorAll('#figures dd').length > 0", null, Wait);
        (await visit.Page.EvaluateAsync<bool>("() => window.omnisight.scene.drawn.length > 0")).ShouldBeTrue();
        visit.Problems.ShouldBeEmpty();
        visit.Foreign.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_boxes_on_the_canvas_are_those_of_the_frame()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        await visit.Page.WaitForFunctionAsync("() => window.omnisight.scene.tracks?.tracks.length > 0", null, Wait);
        // A stopped writer leaves its last frame where it is for as long as the comparison takes.
        node.Core.Signal(ChildProcess.SigStop);
        try
        {
            var json = await visit.Page.EvaluateAsync<string>(
                """
                async () => {
                  // Either may still be about to see the writer's last frame.
                  const scene = window.omnisight.scene, latest = async () => (await (await fetch('/api/perception/tracks')).json()).data;
                  let api = await latest();
                  for (let i = 0; i < 200 && scene.tracks.timestamp !== api.timestamp; i++) {
                    await new Promise(r => setTimeout(r, 10));
                    api = await latest();
                  }
                  scene.refresh();
                  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
                  const canvas = document.getElementById('canvas'), c = canvas.getContext('2d');
                  const boxes = scene.drawn.filter(d => d.kind === 'track');
                  const painted = boxes.map(({ rect: [x, y, w, h] }) => {
                    const at = [Math.min(canvas.width - 1, Math.max(0, Math.round(x + w / 2))), Math.min(canvas.height - 1, Math.max(0, Math.round(y + h)))];
                    return c.getImageData(...at, 1, 1).data[3] > 0;
                  });
                  return JSON.stringify({ same: scene.tracks.timestamp === api.timestamp, width: canvas.width, height: canvas.height, frame: api.frame, tracks: api.tracks, boxes, painted, predicted: scene.drawn.filter(d => d.kind === 'predicted') });
                }
                """);
            var shown = JsonDocument.Parse(json).RootElement;
            shown.GetProperty("same").GetBoolean().ShouldBeTrue();
            double width = shown.GetProperty("width").GetInt32(), height = shown.GetProperty("height").GetInt32();
            var frame = shown.GetProperty("frame");
            (width / height).ShouldBe(frame.GetProperty("width").GetDouble() / frame.GetProperty("height").GetDouble(), 0.01);
            var boxes = shown.GetProperty("boxes").EnumerateArray().ToArray();
            var tracks = shown.GetProperty("tracks").EnumerateArray().ToArray();
            boxes.Select(b => b.GetProperty("id").GetInt32()).ShouldBe(tracks.Select(t => t.GetProperty("track_id").GetInt32()));
            foreach (var (box, track) in boxes.Zip(tracks))
            {
                var expected = track.GetProperty("bbox").EnumerateArray().Select((v, i) => v.GetDouble() * (i % 2 == 0 ? width : height)).ToArray();
                var drawn = box.GetProperty("rect").EnumerateArray().Select(v => v.GetDouble()).ToArray();
                for (var i = 0; i < 4; i++)
                {
                    drawn[i].ShouldBe(expected[i], 0.01);
                }
            }

            var predicted = shown.GetProperty("predicted").EnumerateArray().ToDictionary(b => b.GetProperty("id").GetInt32(), b => b.GetProperty("rect").EnumerateArray().Select(v => v.GetDouble()).ToArray());
            foreach (var track in tracks)
            {
                var expected = track.GetProperty("predicted_bbox").EnumerateArray().Select((v, i) => v.GetDouble() * (i % 2 == 0 ? width : height)).ToArray();
                predicted[track.GetProperty("track_id").GetInt32()].Zip(expected).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 0.01);
            }

            shown.GetProperty("painted").EnumerateArray().ShouldAllBe(p => p.GetBoolean());
        }
        finally
        {
            node.Core.Signal(ChildProcess.SigCont);
        }
    }

    [Fact]
    public async Task A_command_shows_its_acknowledgement()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Refresh timelines" }).ClickAsync();
        await visit.Page.WaitForSelectorAsync("#acks li[data-outcome=success]", new() { Timeout = Patience });
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Synchronise swarm" }).ClickAsync();
        await visit.Page.WaitForSelectorAsync("#acks li[data-outcome=not_enabled]", new() { Timeout = Patience });
        visit.Foreign.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_says_so_when_the_core_dies_and_recovers_with_it()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        node.KillCore();
        try
        {
            await visit.Expect("stale");
            await visit.Expect("nodata");
            (await visit.Page.EvaluateAsync<int>("() => window.omnisight.scene.drawn.length")).ShouldBe(0, "a page without data shows none");
            // Timelines and figures come once a second, and go old for themselves.
            await visit.Page.WaitForFunctionAsync(Nothing, null, Wait);
        }
        finally
        {
            node.StartCore();
        }

        await visit.Expect("live");
    }

    [Fact]
    public async Task It_says_so_when_the_api_dies_and_recovers_with_it()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        await visit.Page.WaitForFunctionAsync("() => document.querySelectorAll('#plugin-table tbody tr').length > 0", null, Wait);
        node.KillApi();
        try
        {
            await visit.Expect("disconnected");
            await visit.Page.WaitForFunctionAsync(Nothing, null, Wait);
            (await visit.Page.EvaluateAsync<int>("() => document.querySelectorAll('tbody tr').length")).ShouldBe(0, "nobody says any more how channels and plugins are");
        }
        finally
        {
            await node.StartApi();
        }

        await visit.Expect("live");
    }

    [Fact]
    public async Task It_asks_for_a_key_without_using_up_what_may_go_wrong()
    {
        node.RequireBrowser();
        var (api, url, key) = await node.StartLocked();
        using var ends = api;
        await using var visit = await Visit.Open(node, url: url);
        var refused = 0;
        visit.Page.Response += (_, response) => refused += response.Status == 401 ? 1 : 0;
        await visit.Page.GetByLabel("This node asks for a key").FillAsync("wrong", new() { Timeout = Patience });
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await visit.Page.GetByText("The key was not accepted").WaitForAsync(new() { Timeout = Patience });
        await visit.Page.GetByLabel("This node asks for a key").FillAsync(key);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await visit.Expect("live");
        refused.ShouldBeLessThanOrEqualTo(3, "a page that waits for its key does not go on asking");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Forget key" }).ClickAsync();
        await visit.Page.GetByLabel("This node asks for a key").WaitForAsync(new() { Timeout = Patience });
    }

    [Fact]
    public async Task It_can_be_used_with_a_keyboard_and_every_control_has_a_name()
    {
        await using var visit = await Visit.Open(node);
        await visit.Expect("live");
        var nameless = await visit.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('button, input, a, canvas, table, meter, [role]')]
              .filter(e => !e.closest('[hidden]'))
              .filter(e => !(e.ariaLabel || e.labels?.length || e.textContent.trim() || e.getAttribute('aria-labelledby')))
              .map(e => e.outerHTML.slice(0, 80))
            """);
        nameless.ShouldBeEmpty();
        await visit.Page.FocusAsync("body");
        var reached = new HashSet<string>();
        for (var i = 0; i < 25; i++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
            _ = reached.Add(await visit.Page.EvaluateAsync<string>("() => document.activeElement.dataset.command ?? document.activeElement.dataset.layer ?? document.activeElement.tagName"));
        }

        reached.ShouldContain("/api/timeline/refresh");
        reached.ShouldContain("predicted");
    }

    [Theory]
    [InlineData("desk-light", 1440, 1000, ColorScheme.Light)]
    [InlineData("desk-dark", 1440, 1000, ColorScheme.Dark)]
    [InlineData("phone-dark", 390, 844, ColorScheme.Dark)]
    [InlineData("wall-light", 3840, 1800, ColorScheme.Light)]
    public async Task It_fits_every_screen_with_enough_contrast(string name, int width, int height, ColorScheme scheme)
    {
        await using var visit = await Visit.Open(node, new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        await visit.Expect("live");
        await visit.Page.WaitForFunctionAsync("() => document.querySelectorAll('#plugin-table tbody tr').length >= 3 && document.querySelectorAll('#timelines li').length + !document.getElementById('timelines-none').hidden > 0", null, Wait);
        (await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0, "nothing sticks out sideways");
        var low = await visit.Page.EvaluateAsync<string[]>(ContrastBelow, 4.5);
        low.ShouldBeEmpty();
        var folder = Directory.CreateDirectory(Path.Combine(TestPaths.Repository, "artifacts/dashboard")).FullName;
        _ = await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    [Fact]
    public async Task The_reference_page_works_without_the_internet()
    {
        await using var visit = await Visit.Open(node, path: "/docs");
        await visit.Page.WaitForFunctionAsync("() => document.body.innerText.includes('The newest frame of detections')", null, Wait);
        visit.Foreign.ShouldBeEmpty();
        visit.Problems.ShouldBeEmpty();
        _ = await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(Directory.CreateDirectory(Path.Combine(TestPaths.Repository, "artifacts/dashboard")).FullName, "reference.png") });
    }

    /// <summary>No panel shows what is past.</summary>
    private const string Nothing = "() => document.querySelectorAll('#timelines li, #figures dd').length === 0 && document.getElementById('scene-caption').textContent === ''";

    private static PageWaitForFunctionOptions Wait => new() { Timeout = Patience };

    /// <summary>Every visible text whose contrast with what is behind it is too low (WCAG).</summary>
    private const string ContrastBelow =
        """
        (least) => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
          const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; } return [255, 255, 255]; };
          return [...document.querySelectorAll('body *')]
            .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .map(e => { const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e)); return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim().slice(0, 30)]; })
            .filter(([ratio]) => ratio < least).map(([ratio, text]) => `${ratio.toFixed(2)} ${text}`);
        }
        """;
}
