namespace Web.Components;

/// <summary>Marks a page that has an interactive part. Only such pages load Blazor's script; the others need nothing of it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class IslandAttribute : Attribute;
