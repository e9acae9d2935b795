namespace Omnisight.Perception.Replay.Mot;

/// <summary>A file of a sequence is missing or malformed. The message begins with the file, and the line where there is one.</summary>
public sealed class MotFileException : Exception
{
    internal MotFileException(string file, string problem)
        : base($"{file}: {problem}")
    {
    }

    internal MotFileException(string file, int line, string problem)
        : base($"{file}:{line}: {problem}")
    {
    }
}
