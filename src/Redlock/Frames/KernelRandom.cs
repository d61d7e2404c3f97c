using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Redlock.Fast;

/// <summary>Bytes of the kernel's cryptographic generator.</summary>
/// <remarks>
/// On Linux straight from getrandom(2): the framework's generator gives bytes of no other worth, but loads a cryptographic library first,
/// which a process that starts would wait for. Elsewhere it is the framework's.
/// </remarks>
internal static unsafe partial class KernelRandom
{
    public static void Fill(Span<byte> target)
    {
        if (!OperatingSystem.IsLinux() || !TryFill(target))
        {
            RandomNumberGenerator.Fill(target);
        }
    }

    private static bool TryFill(Span<byte> target)
    {
        try
        {
            // A signal may cut a call short.
            while (!target.IsEmpty)
            {
                nint filled;
                fixed (byte* start = target)
                {
                    filled = GetRandom(start, (nuint)target.Length, flags: 0);
                }

                if (filled <= 0)
                {
                    return false;
                }

                target = target[(int)filled..];
            }

            return true;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrandom")]
    private static partial nint GetRandom(byte* buffer, nuint length, uint flags);
}
