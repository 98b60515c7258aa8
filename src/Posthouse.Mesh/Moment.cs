namespace Posthouse.Mesh;

/// <summary>
/// One instant on two clocks. What lasts is measured on the steady one, which nobody can set; what people and other nodes read is
/// told on the wall's.
/// </summary>
/// <param name="Steady">Time since some fixed point of this process; never goes back.</param>
/// <param name="Wall">Universal time as this machine believes it; may jump.</param>
internal readonly record struct Moment(TimeSpan Steady, DateTimeOffset Wall)
{
    /// <summary>Reads both clocks.</summary>
    /// <param name="time">The clocks.</param>
    /// <param name="start">The <see cref="TimeProvider.GetTimestamp"/> that steady time counts from.</param>
    public static Moment Of(TimeProvider time, long start) => new(time.GetElapsedTime(start), time.GetUtcNow());

    /// <summary>The same instant later, where no clock jumps in between.</summary>
    public Moment After(TimeSpan wait) => new(Steady + wait, Wall + wait);
}
