namespace System.Runtime.CompilerServices;

/// <summary>The compiler asks for this type to allow <c>init</c>; netstandard2.0 has none.</summary>
internal static class IsExternalInit;
