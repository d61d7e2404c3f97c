using System.Globalization;
using System.Text;

namespace Redlock.Fast.Testing;

/// <content>What a script finds without declaring it.</content>
internal sealed partial class LuaParser
{
    private LuaExpression ReadGlobal()
    {
        LuaToken token = _tokens[_position];
        switch (token.Text)
        {
            case "nil":
                _position++;
                return static _ => null;
            case "true":
                _position++;
                return static _ => true;
            case "false":
                _position++;
                return static _ => false;
            case "KEYS":
                _position++;
                return static frame => frame.Keys;
            case "ARGV":
                _position++;
                return static frame => frame.Arguments;
        }

        if (token.Kind != LuaTokenKind.Name || _keywords.Contains(token.Text))
        {
            throw Refusal();
        }

        _position++;
        string name = TryTake(".") ? $"{token.Text}.{TakeIdentifier()}" : token.Text;
        return ReadCall(name, token.Line);
    }

    private LuaExpression ReadCall(string function, int line)
    {
        if (function is "redis.call" or "redis.pcall")
        {
            LuaExpression[] words = ReadArguments(function, line);
            return function == "redis.call"
                ? frame => frame.Redis.Call(Evaluate(words, frame), line)
                : frame => frame.Redis.TryCall(Evaluate(words, frame));
        }

        Func<object?, object?>? known = function switch
        {
            "redis.error_reply" => static value => new LuaTable().With("err", ErrorCoded(LuaValues.ToBytes(value) ?? [])),
            "redis.status_reply" => static value => new LuaTable().With("ok", LuaValues.ToBytes(value)),
            "tonumber" => static value => LuaValues.ToNumber(value),
            "tostring" => static value => LuaValues.ToBytes(value) ?? Encoding.ASCII.GetBytes(Describe(value)),
            "type" => static value => Encoding.ASCII.GetBytes(LuaValues.TypeOf(value)),
            "math.floor" => value => Math.Floor(LuaValues.Operand(value, line)),
            _ => null,
        };
        if (known is not null)
        {
            LuaExpression[] arguments = ReadArguments(function, line);
            return arguments.Length == 1
                ? frame => known(arguments[0](frame))
                : throw new LuaRefusedException(line, $"'{function}' with other than one argument");
        }

        if (function is "math.max" or "math.min")
        {
            LuaExpression[] numbers = ReadArguments(function, line);
            return frame =>
            {
                double best = LuaValues.Operand(numbers[0](frame), line);
                for (int i = 1; i < numbers.Length; i++)
                {
                    double number = LuaValues.Operand(numbers[i](frame), line);
                    best = function == "math.max" ? Math.Max(best, number) : Math.Min(best, number);
                }

                return best;
            };
        }

        if (function == "string.format" && ReadArguments(function, line) is [var pattern, var whole])
        {
            // The one pattern that keeps all digits of a large number.
            return frame => LuaValues.ToBytes(pattern(frame)) is { } text && text.AsSpan().SequenceEqual("%.0f"u8)
                ? Encoding.ASCII.GetBytes(LuaValues.Operand(whole(frame), line).ToString("F0", CultureInfo.InvariantCulture))
                : throw new LuaException("ERR this stand-in formats by '%.0f' only", line);
        }

        throw new LuaRefusedException(line, $"'{function}'");
    }

    private LuaExpression[] ReadArguments(string function, int line)
    {
        if (!TryTake("("))
        {
            throw new LuaRefusedException(line, $"'{function}' without a call in brackets");
        }

        LuaExpression[] arguments = Current.Is(")") ? [] : ReadExpressions();
        Take(")");
        return arguments;
    }

    private static object?[] Evaluate(LuaExpression[] expressions, LuaFrame frame)
    {
        object?[] values = new object?[expressions.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = expressions[i](frame);
        }

        return values;
    }

    // Redis takes a leading '-' off, and puts the general code before a text that is one word.
    private static byte[] ErrorCoded(byte[] text)
    {
        byte[] bare = text.AsSpan().StartsWith("-"u8) ? text[1..] : text;
        return bare.AsSpan().Contains((byte)' ') ? bare : [.. "ERR "u8, .. bare];
    }

    private static string Describe(object? value) => value switch
    {
        null => "nil",
        true => "true",
        false => "false",
        _ => "table",
    };
}
