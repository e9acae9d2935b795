using Omnisight;

namespace Fixtures.NotAModule;

/// <summary>The attribute is there, the interface was forgotten.</summary>
[ExportModule("nothing")]
public sealed class Nothing;
