namespace Redlock.Fast.Bench;

/// <summary>Order statistics.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Percentile(values.ToArray(), 50);

    public static double Percentile(double[] values, double percent)
    {
        Array.Sort(values);
        return values[Math.Min(values.Length - 1, (int)(values.Length * percent / 100))];
    }
}
