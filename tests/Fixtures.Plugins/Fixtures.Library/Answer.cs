namespace Fixtures.Library;

/// <summary>What a plugin may depend on.</summary>
public static class Answer
{
    public static int Value => 42;
}
