using System.Reflection;

namespace Redlock.Fast.Tests;

/// <summary>Names of types as C# writes them, with the question marks of nullable references.</summary>
internal static class SurfaceTypeName
{
    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Of(Type type)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Of(value)}?";
        }

        return Named(type, [.. type.GetGenericArguments().Select(Of)]);
    }

    public static string Of(NullabilityInfo nullability)
    {
        Type type = nullability.Type.IsByRef ? nullability.Type.GetElementType()! : nullability.Type;
        if (Nullable.GetUnderlyingType(type) is not null)
        {
            return Of(type);
        }

        string name = nullability.ElementType is { } element ? $"{Of(element)}[]"
            : nullability.GenericTypeArguments.Length > 0 ? Named(type, [.. nullability.GenericTypeArguments.Select(Of)])
            : Of(type);
        return !type.IsValueType && nullability.ReadState == NullabilityState.Nullable ? $"{name}?" : name;
    }

    private static string Named(Type type, string[] arguments)
    {
        if (_keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        string name = type.Name.Split('`')[0];
        string whole = arguments.Length == 0 ? name : $"{name}<{string.Join(", ", arguments)}>";
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Of(type.DeclaringType!)}.{whole}" : whole;
    }
}
