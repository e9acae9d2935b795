using System.Globalization;

namespace Omnisight.PeerProcess;

/// <summary>The command line: a verb, words, and <c>--name value</c>.</summary>
internal sealed class PeerOptions
{
    private readonly Dictionary<string, string> _values = [];
    private readonly List<string> _words = [];

    public PeerOptions(string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                _values[arguments[i][2..]] = arguments[++i];
            }
            else
            {
                _words.Add(arguments[i]);
            }
        }
    }

    public string Verb => Word(0);

    public string Word(int index) => index < _words.Count ? _words[index] : "";

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public long Number(string name, long otherwise) => _values.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
