using Omnisight.Messages;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>What the scene asks of a box.</summary>
internal static class BoxGeometry
{
    extension(Box box)
    {
        public float Right => box.X + box.Width;

        public float Bottom => box.Y + box.Height;

        /// <summary>Part of it lies inside the image.</summary>
        public bool IsVisible => box.X < 1 && box.Y < 1 && box.Right > 0 && box.Bottom > 0;

        /// <summary>The part of this box's area that another one covers, 0..1.</summary>
        public float CoveredBy(Box other)
        {
            var width = Math.Min(box.Right, other.Right) - Math.Max(box.X, other.X);
            var height = Math.Min(box.Bottom, other.Bottom) - Math.Max(box.Y, other.Y);
            return width <= 0 || height <= 0 ? 0 : width * height / (box.Width * box.Height);
        }
    }
}
