extern alias replay;

using System.Globalization;
using replay::Omnisight.Perception.Replay.Mot;

namespace Perception.Tests;

public sealed class MotSequenceTests : IDisposable
{
    private readonly TestInstance _folder = new();

    [Fact]
    public void Boxes_and_scores_are_those_of_the_file_in_its_order()
    {
        Write("seqinfo.ini", Info);
        Write("det.txt", "2,-1,64,48,32,24,0.25,-1,-1,-1\n1,-1,-6.4,480,640,96,-1.5,-1,-1,-1\n\n2,-1,1,2,3,4,0.75\n");
        var sequence = MotSequence.Load(_folder.Directory, "det.txt");
        sequence.HasIdentities.ShouldBeFalse();
        sequence.Frame(1).ShouldHaveSingleItem().ShouldBe(new MotRow(null, new(-0.01f, 1f, 1f, 0.2f), -1.5f));
        sequence.Frame(2).Select(r => r.Confidence).ShouldBe([0.25f, 0.75f]);
        sequence.Frame(2)[1].Box.ShouldBe(new((float)(1 / 640.0), (float)(2 / 480.0), (float)(3 / 640.0), (float)(4 / 480.0)));
        sequence.Frame(3).ShouldBeEmpty();
    }

    [Fact]
    public void Ground_truth_of_MOT17_counts_pedestrians_that_are_flagged()
    {
        Write("seqinfo.ini", Info);
        Write("gt.txt", "1,1,10,10,10,10,1,1,0.5\n1,2,10,10,10,10,0,1,0.5\n1,3,10,10,10,10,1,7,0.5\n1,4,10,10,10,10,1,1,0\n");
        MotSequence.Load(_folder.Directory, "gt.txt").Frame(1).Select(r => r.Id).ShouldBe([1u, 4u]);
    }

    [Fact]
    public void Ground_truth_of_MOT15_counts_what_is_flagged()
    {
        Write("seqinfo.ini", Info);
        Write("gt.txt", "1,1,10,10,10,10,1,-1,-1,-1\n1,2,10,10,10,10,0,-1,-1,-1\n");
        MotSequence.Load(_folder.Directory, "gt.txt").Frame(1).ShouldHaveSingleItem().Confidence.ShouldBe(1);
    }

    [Fact]
    public void Nine_fields_are_ground_truth_only_in_a_file_of_ground_truth()
    {
        Write("seqinfo.ini", Info);
        Write("tracks.txt", "1,1,10,10,10,10,0.9,7,0.5\n1,2,20,10,10,10,0,1,1\n1,3,30,10,10,10,0.25,-1,-1\n");
        var rows = MotSequence.Load(_folder.Directory, "tracks.txt").Frame(1);
        rows.Select(r => (r.Id, r.Confidence)).ShouldBe([(1u, 0.9f), (2u, 0f), (3u, 0.25f)]);
        Directory.CreateDirectory(_folder.FilePath("gt"));
        Write("gt/train.txt", "1,1,10,10,10,10,1,7,0.5\n1,2,20,10,10,10,1,1,1\n");
        MotSequence.Load(_folder.Directory, "train.txt").Frame(1).ShouldHaveSingleItem().Id.ShouldBe(2u);
    }

    [Theory]
    [InlineData("4,-1,1,2,3,4,0.5", "rows that are past the 3 frames of seqinfo.ini and are left out: 1; the first is DIR/det.txt:2: frame 4")]
    [InlineData("1,-1,1,2,-3,4,0.5", "rows that have a box of negative size and are left out: 1; the first is DIR/det.txt:2: -3 x 4 pixels")]
    [InlineData("1,-1,1281,2,3,4,0.5", "rows that have a box further from the image of 640 x 480 than the image is large, which no reader accepts, and are left out: 1; the first is DIR/det.txt:2: 1281,2,3,4")]
    public void A_row_that_can_t_be_shown_is_left_out_and_told(string line, string told)
    {
        Write("seqinfo.ini", Info);
        Write("det.txt", "1,-1,1,2,3,4,0.5\n" + line + "\n2,-1,-640,960,1280,4,0.5\n");
        var sequence = MotSequence.Load(_folder.Directory, "det.txt");
        sequence.Oddities.ShouldBe([told.Replace("DIR", _folder.Directory, StringComparison.Ordinal)]);
        sequence.Frame(1).Count.ShouldBe(1);
        sequence.Frame(2).Count.ShouldBe(1);
    }

    [Fact]
    public void Line_ends_of_other_systems_gaps_and_an_empty_file_are_no_trouble()
    {
        Write("seqinfo.ini", Info.Replace("\n", "\r\n", StringComparison.Ordinal));
        Write("det.txt", "\r\n1,-1,1,2,3,4,0.5\r\n3,-1,5,6,7,8,0.25\r\n\r\n");
        var sequence = MotSequence.Load(_folder.Directory, "det.txt");
        Enumerable.Range(1, 3).Select(n => sequence.Frame(n).Count).ShouldBe([1, 0, 1]);
        sequence.Oddities.ShouldBeEmpty();
        Write("det.txt", "");
        sequence = MotSequence.Load(_folder.Directory, "det.txt");
        (sequence.HasIdentities, sequence.MostRows).ShouldBe((false, 0));
    }

    [Fact]
    public void A_tracker_that_gives_no_score_is_sure()
    {
        Write("seqinfo.ini", Info);
        Write("tracks.txt", "1,7,10,10,10,10,-1,-1,-1,-1\n1,8,10,10,10,10,0.5,-1,-1,-1\n");
        var rows = MotSequence.Load(_folder.Directory, "tracks.txt").Frame(1);
        rows.Select(r => r.Confidence).ShouldBe([1f, 0.5f]);
    }

    [Fact]
    public void The_archives_of_the_benchmark_keep_their_files_one_folder_down()
    {
        Write("seqinfo.ini", Info);
        Directory.CreateDirectory(_folder.FilePath("det"));
        Write("det/det.txt", "1,-1,1,2,3,4,0.5\n");
        MotSequence.Load(_folder.Directory, "det.txt").Frame(1).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("1,-1,1,2,3", "det.txt:2: 5 fields")]
    [InlineData("1,-1,1,x,3,4,0.5", "det.txt:2: field 4 (top): 'x' is not a number")]
    [InlineData("1,-1,1,NaN,3,4,0.5", "det.txt:2: field 4 (top): 'NaN' is not a number")]
    [InlineData("1,-1,1,1e999,3,4,0.5", "det.txt:2: field 4 (top): '1e999' is not a number")]
    [InlineData("0,-1,1,2,3,4,0.5", "det.txt:2: frame 0")]
    [InlineData("1.5,-1,1,2,3,4,0.5", "det.txt:2: frame 1.5")]
    [InlineData("1,-2,1,2,3,4,0.5", "det.txt:2: id -2")]
    [InlineData("1,-1,1,2,3,4,0.5,1,1,1,1", "det.txt:2: more than 10 fields")]
    public void A_malformed_line_is_named(string line, string message)
    {
        Write("seqinfo.ini", Info);
        Write("det.txt", "1,-1,1,2,3,4,0.5\n" + line + "\n");
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("imWidth=640", "imWidth=abc", "seqinfo.ini:6: imWidth 'abc' is not a number from 1 to 65535")]
    [InlineData("imWidth=640", "imWidth=70000", "seqinfo.ini:6: imWidth '70000'")]
    [InlineData("imWidth=640", "imWidth=1.5", "seqinfo.ini:6: imWidth '1.5' is not a whole number")]
    [InlineData("imWidth=640", "imWidth", "seqinfo.ini:6: 'imWidth' is not of the form key=value")]
    [InlineData("imWidth=640", "", "seqinfo.ini: 'imWidth' is missing")]
    [InlineData("frameRate=25", "frameRate=0", "seqinfo.ini:4: frameRate '0'")]
    public void A_wrong_seqinfo_is_named(string from, string to, string message)
    {
        Write("seqinfo.ini", Info.Replace(from, to, StringComparison.Ordinal));
        Write("det.txt", "");
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain(message);
    }

    [Fact]
    public void What_is_missing_is_named_with_what_there_is()
    {
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.FilePath("none"), "det.txt")).Message.ShouldContain("none: no such folder");
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain("seqinfo.ini: not found");
        Write("seqinfo.ini", Info);
        Write("tracks.txt", "");
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain("the folder has tracks.txt: choose one with --set Perception.Replay:File=tracks.txt");
        File.Delete(_folder.FilePath("tracks.txt"));
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain("no other text file");
        Directory.CreateDirectory(_folder.FilePath("gt"));
        Write("gt/gt.txt", "");
        Should.Throw<MotFileException>(() => MotSequence.Load(_folder.Directory, "det.txt")).Message.ShouldContain("--set Perception.Replay:File=gt.txt");
    }

    [Theory]
    [InlineData("TUD-Campus", "det.txt", 321, false)]
    [InlineData("TUD-Campus", "gt.txt", 359, true)]
    [InlineData("TUD-Campus", "baseline_sort.txt", 261, true)]
    [InlineData("TUD-Campus", "cem_tracks.txt", 222, true)]
    [InlineData("ETH-Bahnhof", "gt.txt", -1, true)]
    [InlineData("MOT17-02", "det_noisy.txt", 17687, false)]
    [InlineData("MOT17-09", "gt.txt", -1, true)]
    public void Real_sequences_are_read_whole(string sequence, string file, int rows, bool identities)
    {
        var folder = Data(sequence);
        var loaded = MotSequence.Load(folder, file);
        var read = Enumerable.Range(1, loaded.Info.Length).Sum(n => loaded.Frame(n).Count);
        loaded.HasIdentities.ShouldBe(identities);
        var lines = File.ReadLines(Path.Combine(folder, file)).Select(l => l.Split(',').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray()).ToList();
        read.ShouldBe(rows > 0 ? rows : lines.Count(f => f[6] == 1 && (f.Length == 10 || f[7] == 1)));
    }

    public void Dispose() => _folder.Dispose();

    internal static string Data(string sequence)
    {
        Assert.SkipWhen(TestPaths.Data is null, "no evaluation data: set OMNISIGHT_TEST_DATA to a folder with mot/TUD-Campus");
        return Path.Combine(TestPaths.Data!, "mot", sequence);
    }

    internal const string Info = "[Sequence]\nname=made\nimDir=img1\nframeRate=25\nseqLength=3\nimWidth=640\nimHeight=480\nimExt=.jpg\n";

    private void Write(string name, string text) => File.WriteAllText(_folder.FilePath(name), text);
}
