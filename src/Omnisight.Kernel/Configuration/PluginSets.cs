namespace Omnisight.Kernel.Configuration;

/// <summary>Turns a set's name into plugin ids: <c>@name</c> stands for all of another set.</summary>
internal static class PluginSets
{
    public static IReadOnlyList<string> Resolve(
        string use, IReadOnlyDictionary<string, IReadOnlyList<string>> sets, List<ConfigError> errors, IReadOnlyDictionary<string, ConfigEntry>? entries = null)
    {
        var plugins = new List<string>();
        Add(use, "Plugins:Use", []);
        return plugins;

        void Add(string name, string key, List<string> path)
        {
            var place = entries?.GetValueOrDefault(key)?.Source.Place ?? "";
            if (!sets.TryGetValue(name, out var members))
            {
                errors.Add(new ConfigError("bad_value", key, $"there is no set '{name}'{Suggestion.For(name, sets.Keys)}", place));
            }
            else if (path.Contains(name))
            {
                errors.Add(new ConfigError("cycle", key, $"the sets go round in a circle: {string.Join(" -> ", path.SkipWhile(p => p != name))} -> {name}", place));
            }
            else
            {
                foreach (var member in members)
                {
                    if (member.StartsWith('@'))
                    {
                        Add(member[1..], $"Plugins:Sets:{name}", [.. path, name]);
                    }
                    else if (!plugins.Contains(member))
                    {
                        plugins.Add(member);
                    }
                }
            }
        }
    }
}
