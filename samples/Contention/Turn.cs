namespace Redlock.Fast.Contention;

/// <summary>One time that a worker had the name.</summary>
/// <param name="Worker">Which one.</param>
/// <param name="Round">In which round.</param>
/// <param name="Wanted">When it began to wait, from the start of the contest.</param>
/// <param name="Held">When it was given the lock.</param>
/// <param name="Released">When it began to release it.</param>
internal sealed record Turn(Worker Worker, int Round, TimeSpan Wanted, TimeSpan Held, TimeSpan Released);
