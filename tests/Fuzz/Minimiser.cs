namespace Redlock.Fast.Fuzz;

/// <summary>Takes bytes away from an input as long as the reader still fails on it.</summary>
internal static class Minimiser
{
    // A shorter input is cut elsewhere by the same seed, so others get a chance too.
    private const int SeedsATry = 200;

    public static FuzzFailure Minimise(FuzzFailure failure)
    {
        ReaderCheck check = new();
        for (int chunk = Math.Max(failure.Input.Length / 2, 1); chunk > 0; chunk /= 2)
        {
            for (int index = 0; index + chunk <= failure.Input.Length;)
            {
                byte[] shorter = [.. failure.Input[..index], .. failure.Input[(index + chunk)..]];
                if (Fails(check, shorter, failure.CheckSeed) is { } still)
                {
                    failure = still;
                }
                else
                {
                    index++;
                }
            }
        }

        return failure;
    }

    private static FuzzFailure? Fails(ReaderCheck check, byte[] input, ulong seed)
    {
        for (ulong next = 0; next < SeedsATry; next++)
        {
            if (check.Check(input, input.Length, seed + next) is { } problem)
            {
                return new FuzzFailure(input, seed + next, problem);
            }
        }

        return null;
    }
}
