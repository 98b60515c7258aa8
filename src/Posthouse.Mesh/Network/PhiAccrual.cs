namespace Posthouse.Mesh.Network;

/// <summary>
/// How surprising a silence is, from the intervals between earlier beacons (Hayashibara's φ accrual detector): φ = 8 says that a living
/// provider would be that late once in 10⁸ times. The normal law's tail is taken from its logistic approximation, as Akka does.
/// </summary>
internal sealed class PhiAccrual
{
    /// <summary>Intervals that are remembered: eight minutes of beacons, so that a slower network is learned.</summary>
    public const int Window = 100;

    /// <summary>The least deviation in seconds that is assumed: beacons that came like clockwork must not make one late one a death.</summary>
    public const double MinDeviation = 1;

    private readonly double _expected;
    private float[] _intervals = [];
    private int _next;
    private int _count;
    private double _sum;
    private double _squares;

    /// <summary>Knows no interval yet, and assumes the expected one with a quarter of it as deviation.</summary>
    /// <param name="expected">The interval between beacons.</param>
    public PhiAccrual(TimeSpan expected) => _expected = expected.TotalSeconds;

    /// <summary>The mean interval in seconds.</summary>
    public double Mean => _count == 0 ? _expected : _sum / _count;

    /// <summary>The deviation in seconds.</summary>
    public double Deviation => Math.Max(MinDeviation, _count == 0 ? _expected / 4 : Math.Sqrt(Math.Max(0, (_squares / _count) - (Mean * Mean))));

    /// <summary>Learns one interval.</summary>
    public void Add(TimeSpan interval)
    {
        var seconds = (float)interval.TotalSeconds;
        if (_next == _intervals.Length && _intervals.Length < Window)
        {
            Array.Resize(ref _intervals, Math.Clamp(_intervals.Length * 2, 8, Window));
        }

        if (_next == _intervals.Length)
        {
            _next = 0;
        }

        if (_count == Window)
        {
            var oldest = _intervals[_next];
            (_sum, _squares) = (_sum - oldest, _squares - ((double)oldest * oldest));
        }
        else
        {
            _count++;
        }

        _intervals[_next++] = seconds;
        (_sum, _squares) = (_sum + seconds, _squares + ((double)seconds * seconds));
    }

    /// <summary>Forgets all intervals: another process sends from now on.</summary>
    public void Reset() => (_next, _count, _sum, _squares) = (0, 0, 0, 0);

    /// <summary>φ after a silence.</summary>
    public double Phi(TimeSpan silence)
    {
        var y = (silence.TotalSeconds - Mean) / Deviation;
        var tail = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
        return y > 0 ? -Math.Log10(tail / (1 + tail)) : -Math.Log10(1 - (1 / (1 + tail)));
    }
}
