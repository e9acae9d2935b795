namespace Omnisight.Messages;

/// <summary>A box in the image, normalized: 0..1, origin top left. A decoder drops objects with a coordinate outside [-1, 2].</summary>
/// <param name="X">Left edge, in image widths.</param>
/// <param name="Y">Top edge, in image heights.</param>
/// <param name="Width">In image widths.</param>
/// <param name="Height">In image heights.</param>
public readonly record struct Box(float X, float Y, float Width, float Height);
