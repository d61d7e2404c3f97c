using System.Globalization;
using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>Lua's rules for its values, which here are null, bool, double, <c>byte[]</c> (a string) and <see cref="LuaTable"/>.</summary>
internal static class LuaValues
{
    // Above it a double can't tell neighbours apart, and Lua writes it with an exponent.
    private const double LargestPlain = 1e17;

    public static bool IsTrue(object? value) => value is not (null or false);

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (double a, double b) => a == b,
        _ => Equals(left, right),
    };

    /// <summary>Compares two numbers or two strings.</summary>
    /// <returns>Below, at or above 0; <c>null</c> if they do not compare, or one is not a number.</returns>
    public static int? Compare(object? left, object? right, int line) => (left, right) switch
    {
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        _ => throw LuaException.Raised(
            TypeOf(left) == TypeOf(right)
                ? $"attempt to compare two {TypeOf(left)} values"
                : $"attempt to compare {TypeOf(left)} with {TypeOf(right)}",
            line),
    };

    /// <summary>A number, or a string that reads as one.</summary>
    public static double? ToNumber(object? value) => value switch
    {
        double number => number,
        byte[] text => Parse(Encoding.Latin1.GetString(text).Trim()),
        _ => null,
    };

    /// <summary>A decimal or hexadecimal number.</summary>
    public static double? Parse(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hexadecimal)
                ? hexadecimal
                : null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    public static double Operand(object? value, int line) =>
        ToNumber(value) ?? throw LuaException.Raised($"attempt to perform arithmetic on a {TypeOf(value)} value", line);

    /// <summary>A string, or a number as Lua writes it; <c>null</c> for anything else.</summary>
    public static byte[]? ToBytes(object? value) => value switch
    {
        byte[] text => text,
        double number => Encoding.ASCII.GetBytes(Write(number, "G14")),
        _ => null,
    };

    /// <summary>An argument of a command: a string, or a number with all its digits.</summary>
    public static byte[]? ToArgument(object? value) =>
        value is double number ? Encoding.ASCII.GetBytes(Write(number, "G17")) : value as byte[];

    public static string TypeOf(object? value) => value switch
    {
        null => "nil",
        bool => "boolean",
        double => "number",
        byte[] => "string",
        _ => "table",
    };

    private static string Write(double number, string format)
    {
        if (double.IsInteger(number) && Math.Abs(number) < (format == "G14" ? 1e14 : LargestPlain))
        {
            return ((long)number).ToString(CultureInfo.InvariantCulture);
        }

        return number.ToString(format, CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
    }
}
