namespace Omnisight.EndToEnd.Tests;

/// <summary>How a tool ended, and what it said.</summary>
internal sealed record Outcome(int Code, string Output, string Errors)
{
    public Outcome ShouldSucceed()
    {
        Code.ShouldBe(0, ToString());
        return this;
    }

    public override string ToString() => $"exit {Code}\n{Output}\n{Errors}";
}
