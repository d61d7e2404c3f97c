namespace Redlock.Fast.Aot;

/// <summary>Something was not as it must be.</summary>
internal sealed class CheckFailedException(string message) : Exception(message)
{
    /// <summary>Throws it unless the condition holds.</summary>
    public static void Unless(bool condition, string message)
    {
        if (!condition)
        {
            throw new CheckFailedException(message);
        }
    }
}
