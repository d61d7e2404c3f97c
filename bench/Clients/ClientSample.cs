namespace Redlock.Fast.Bench;

/// <summary>What a load came to.</summary>
/// <param name="Latency">The median of a cycle, in microseconds.</param>
/// <param name="Bytes">Allocated by the whole process, a cycle.</param>
/// <param name="CyclesPerSecond">How many cycles a second.</param>
/// <param name="ProcessorTime">Of the whole process, its threads included, in microseconds a cycle.</param>
/// <param name="Failed">How many cycles did not get their lock.</param>
internal readonly record struct ClientSample(double Latency, double Bytes, double CyclesPerSecond, double ProcessorTime, int Failed);
