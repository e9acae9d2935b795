using System.Text.Json.Serialization;

namespace Omnisight.Transport.JsonFile.Tests;

/// <summary>Unescapes names as the product's parser does.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class Names : JsonSerializerContext;
