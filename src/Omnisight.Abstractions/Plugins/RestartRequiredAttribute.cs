namespace Omnisight;

/// <summary>Marks an option that takes effect only when its plugin starts anew.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RestartRequiredAttribute : Attribute;
